import { inMailbox } from '../../session/in-mailbox.ts';
import type { Script } from '../../session/dialogue.ts';
import { NS_REGISTER } from '../../xmpp/namespaces.ts';
import { registerPatiently } from '../account/register.ts';
import { accountTexts } from '../account/texts.ts';
import { unregister } from '../account/unregister.ts';
import { rejoinRooms } from '../muc/rejoin.ts';
import type { Access, Command, CommandCall } from './command.ts';
import { listContacts, listRooms } from './lists.ts';
import { changeSettings } from './settings.ts';
import { status } from './status.ts';
import { userTexts } from './user-texts.ts';

type Name =
  'register' | 'unregister' | 'status' | 'reconnect' | 'settings' | 'contactList' | 'roomList';

/** What every user can ask of every gateway. Nodes are for good: clients and people keep them. */
export const userCommands: readonly Command[] = [
  // The node is where Cheogram looks for registrations with more than one step.
  {
    ...command('register', NS_REGISTER, 'allowed', registerPatiently),
    isSingle: true,
    formType: NS_REGISTER,
  },
  command('unregister', 'causeway:unregister', 'registered', endRegistration),
  command('settings', 'causeway:settings', 'registered', changeSettings),
  command('contactList', 'causeway:contacts', 'registered', listContacts),
  command('status', 'causeway:status', 'allowed', status),
  command('reconnect', 'causeway:reconnect', 'account', reconnect),
];

/** Where there are rooms. */
export const roomCommands: readonly Command[] = [
  command('roomList', 'causeway:rooms', 'account', listRooms),
];

function command(name: Name, node: string, access: Access, run: Command['run']): Command {
  return {
    node,
    at: 'gateway',
    access,
    name: (language) => userTexts(language)[name].name,
    word: (language) => userTexts(language)[name].word,
    run,
  };
}

async function* endRegistration({ session, language, signal }: CommandCall): Script {
  const texts = userTexts(language);
  const { sure } = yield {
    instructions: texts.reallyUnregister,
    fields: [{ name: 'sure', label: texts.yes, kind: 'flag', value: 'false' }],
    isLast: true,
  };
  if (sure !== 'true') return { text: texts.stays };
  signal.throwIfAborted();
  return { text: accountTexts(language).unregistered, after: await unregister(session, language) };
}

// oxlint-disable-next-line require-yield -- a dialogue without a step
async function* reconnect({ session, language }: CommandCall): Script {
  const texts = userTexts(language);
  const hasReason = session.isRegistered || session.rooms.size > 0;
  if (!hasReason) return { text: texts.nothingToConnect, isFailed: true };
  await inMailbox(session, async () => {
    await session.link.close();
    session.network();
    rejoinRooms(session);
  });
  return { text: texts.reconnecting };
}
