/** The local part of the bot that answers in words, on every domain of ours. */
export const BOT = 'causeway';
