import { catalogue } from '../plugin/index.ts';

/** What the gateway is called where people look at it. */
export const gatewayNames = catalogue(
  { gateway: (network: string) => `${network} gateway` },
  { de: { gateway: (network) => `${network}-Gateway` } },
);
