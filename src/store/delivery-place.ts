/** Whose messages on which gateway. */
export interface DeliveryPlace {
  readonly gateway: string;
  /** A bare JID. */
  readonly user: string;
}
