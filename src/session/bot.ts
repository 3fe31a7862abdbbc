import { contactId } from '../plugin/index.ts';

/** The local part of the bot that answers in words, on every domain of ours. */
export const BOT = 'causeway';

/** What the bot is among contacts, where what it says is kept; no contact of a gateway has this id. */
export const BOT_CONTACT = contactId('causeway:bot');
