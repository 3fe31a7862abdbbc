/** How one signs in to a server: by password, or by a token that is fetched when it is needed (XOAUTH2). */
export type Credentials =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  | { readonly kind: 'token'; readonly user: string; token(signal: AbortSignal): Promise<string> }
  | { readonly kind: 'none' };
