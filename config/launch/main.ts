#!/usr/bin/env -S node --max-semi-space-size=4
import { program } from './load.ts';

program.main();
