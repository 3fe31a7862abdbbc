/** The part of the package `smpp` that we use; it brings no types of its own. */
declare module 'smpp' {
  import type { EventEmitter } from 'node:events';
  import type { Server as NetServer, Socket } from 'node:net';

  /** What a message is decoded to; bytes when its coding is not known. */
  export interface DecodedMessage {
    readonly message: string | Buffer;
    /** Each element of the header: its identifier, its length, its data. */
    readonly udh?: readonly Buffer[];
  }

  export interface Pdu {
    readonly command: string;
    readonly command_status: number;
    readonly sequence_number: number;
    readonly esm_class?: number;
    readonly data_coding?: number;
    readonly source_addr?: string;
    readonly source_addr_ton?: number;
    readonly destination_addr?: string;
    readonly dest_addr_ton?: number;
    readonly short_message?: DecodedMessage;
    readonly message_payload?: DecodedMessage;
    readonly registered_delivery?: number;
    readonly message_id?: string;
    readonly receipted_message_id?: string;
    readonly message_state?: number;
    readonly sar_msg_ref_num?: number;
    readonly sar_total_segments?: number;
    readonly sar_segment_seqnum?: number;
    readonly system_id?: string;
    readonly password?: string;
    isResponse(): boolean;
    response(fields?: Readonly<Record<string, unknown>>): Pdu;
  }

  export interface Session extends EventEmitter {
    readonly socket: Socket;
    /** `false` when the socket cannot be written to any more: then no answer comes. */
    send(pdu: Pdu, answered?: (answer: Pdu) => void): boolean;
    destroy(): void;
    close(): void;
  }

  export interface Server extends NetServer {
    readonly sessions: readonly Session[];
  }

  interface Smpp {
    readonly PDU: new (command: string, fields?: Readonly<Record<string, unknown>>) => Pdu;
    connect(options: {
      readonly host: string;
      readonly port: number;
      readonly tls?: boolean;
    }): Session;
    createServer(listener: (session: Session) => void): Server;
  }

  const smpp: Smpp;
  export default smpp;
}
