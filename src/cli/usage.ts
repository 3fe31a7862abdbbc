export const USAGE = `Causeway, a gateway from Jabber (XMPP) to other networks.

  causeway [start] [--config FILE]   attach to the Jabber server and serve
  causeway check [--config FILE]     say whether the configuration is in order
  causeway --help | --version

Without --config, FILE is ./config/causeway.yaml.
CAUSEWAY_LOG sets how much is logged: error, warn, info (default), debug, trace.
CAUSEWAY_KEY gives the key for stored credentials, instead of the key file in the data folder.
`;
