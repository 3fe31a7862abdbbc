export const USAGE = `Causeway, a gateway from Jabber (XMPP) to other networks.

  causeway [start] [--config FILE]   attach to the Jabber server and serve
  causeway init [--config FILE]      make a first configuration, by questions or by the options below
  causeway check [--config FILE]     say whether the configuration is in order
  causeway doctor [--config FILE]    look at everything outside that can be wrong, and say what to do
  causeway copy [--config FILE] --to FILE   copy everything into the empty database that another configuration names
  causeway --help | --version

Without --config, FILE is ./config/causeway.yaml.
CAUSEWAY_LOG sets how much is logged: error, warn, info (default), debug, trace.
CAUSEWAY_KEY gives the key for stored credentials, instead of the key file in the data folder.

init asks for what it is not told here, and takes the defaults where there is no terminal:

  --domain DOMAIN                  the domain of your users (no default)
  --server prosody|ejabberd|jabberd2   default: the one that is installed here
  --host HOST, --port PORT         where it listens for components: 127.0.0.1, 5347
  --networks irc,email,sms         default: irc
  --admin JID                      an administrator; may be given again (default: nobody)
  --irc-domain, --email-domain, --sms-domain DOMAIN   default: irc.DOMAIN and so on
  --irc-server NAME=HOST[:PORT]    default: libera=irc.libera.chat:6697; may be given again
  --email-imap HOST[:PORT], --email-smtp HOST[:PORT]  the mail servers of DOMAIN, if it has any
  --sms-provider twilio|smpp|kannel|gammu             default: twilio
  --sms-account TEXT               account SID, system_id or user name at the provider
  --sms-password-file FILE         the file that has its token or password
  --sms-server HOST:PORT or URL    of SMPP and Kannel
  --sms-number NUMBER[=JID]        a number of yours, and whose it is; may be given again
  --sms-region COUNTRY             where numbers are read, default: US
  --public-url URL                 where the outside reaches the gateway, for files and webhooks
  --show-secrets                   show the new secrets though the output is no terminal
`;
