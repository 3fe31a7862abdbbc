import type { Answers, GatewayPlugin } from '../../src/plugin/index.ts';

/** A gateway that is held to the contract, with what the suite has to know of its network. */
export interface Subject {
  readonly plugin: GatewayPlugin;
  /** Options that an administrator may write by mistake. */
  readonly wrongOptions: readonly unknown[];
  readonly addresses: {
    /** Spellings of one address, each of which can be the local part of a JID. */
    readonly same: readonly (readonly string[])[];
    /** What people type, and the address that they mean. */
    readonly typed: readonly (readonly [typed: string, address: string])[];
    /** What no address can look like. */
    readonly impossible: readonly string[];
  };
  /** What it cannot do yet, and why: such a test is run, and may fail. */
  readonly todo?: { readonly entersAgain?: string };
  /** Starts the network side, with nothing of an earlier test left on it. */
  start(): Promise<Rig>;
}

/** The network side of one test, with somebody on it, the peer, who listens. */
export interface Rig {
  /** Options by which the gateway reaches this network. */
  readonly options: unknown;
  /** What the first or the second user answers to each step of the registration; good, with a secret where there can be one. */
  answers(user: 1 | 2): readonly Answers[];
  /** Answers to the first step that cannot be right whatever the network says. */
  readonly impossibleAnswers?: Answers;
  /** Answers to the first step that the network refuses. */
  readonly refusedAnswers?: Answers;
  /** From now on, the network says nothing to whom it does not know yet. */
  fallSilent?(): void;
  /** The address of the peer. */
  readonly peer: string;
  /** An address that could be somebody's, and is nobody's. */
  readonly nobody: string;
  /** A room that the peer is in and everybody may enter. */
  readonly room?: string;
  /** A good nick for each of the users. */
  nick(user: 1 | 2): string;
  /** The texts that the peer was sent, in private and in the room, in order; for each line one where the network has lines. */
  heard(): readonly string[];
  /** The peer says `text` with a number behind it so many times in the room, as fast as can be. */
  readonly say?: (text: string, count: number) => void;
  stop(): Promise<void>;
}
