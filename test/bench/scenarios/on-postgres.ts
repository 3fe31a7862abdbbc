import { causeway } from '../causeway.ts';
import { Postgres } from '../postgres.ts';
import type { Scenario } from '../scenario.ts';

/** The same for a gateway on PostgreSQL, beside one on SQLite. @param programs is the folder of those of PostgreSQL */
export function onPostgres(scenario: Scenario, programs: string): Scenario {
  return {
    ...scenario,
    name: `${scenario.name}-postgres`,
    kinds: scenario.kinds.map(({ name, unit }) => ({ name, unit })),
    beside: {
      name: 'postgres',
      measure: async (pace) => {
        const postgres = await Postgres.start(programs);
        try {
          return await scenario.measure(
            causeway(() => postgres.database()),
            pace,
          );
        } finally {
          postgres.stop();
        }
      },
    },
  };
}
