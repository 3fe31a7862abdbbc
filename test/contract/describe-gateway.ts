import { after, describe } from 'node:test';
import { describeAddresses } from './addresses.ts';
import { Bench } from './bench.ts';
import { describeCommands } from './commands.ts';
import { describeDeclarations } from './declarations.ts';
import { describeDiagnosis } from './diagnosis.ts';
import { describeRooms } from './rooms.ts';
import { describeSessions } from './sessions.ts';
import { describeSignIn } from './sign-in.ts';
import type { Subject } from './subject.ts';

export type { Rig, Subject } from './subject.ts';

/** Holds a gateway to everything that the border (src/plugin) promises to the core. For node:test. */
export function describeGateway(name: string, subject: Subject): void {
  describe(`the ${name} gateway keeps the promises of the border:`, { timeout: 120_000 }, () => {
    after(() => Bench.stopAll());
    describeDeclarations(subject);
    describeAddresses(subject);
    describeSignIn(subject);
    describeCommands(subject);
    describeSessions(subject);
    describeRooms(subject);
    describeDiagnosis(subject);
  });
}
