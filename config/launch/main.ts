#!/usr/bin/env -S node --min-semi-space-size=4 --max-semi-space-size=4 --v8-pool-size=1
import { program } from './load.ts';

program.main();
