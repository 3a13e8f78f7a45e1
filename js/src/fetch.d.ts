// What this package uses of the Fetch API, for compilers that don't know it.
import type { ByteStream } from "../dist/agentfold.js";

/** Headers of the Fetch API. */
export interface FetchHeaders {
  /** Returns the value of a header; `null` without it. */
  get(name: string): string | null;
  /** Calls a function with each header. */
  forEach(each: (value: string, name: string) => void): void;
}

/** A request of the Fetch API: the host's `Request`, where the compiler knows it. */
export type FetchRequest = typeof globalThis extends { Request: { prototype: infer Known } } ? Known : PlainRequest;

/** A response of the Fetch API: the host's `Response`, where the compiler knows it. */
export type FetchResponse = typeof globalThis extends { Response: { prototype: infer Known } } ? Known : PlainResponse;

/** What is used of a `Request`. */
export interface PlainRequest {
  /** The HTTP method. */
  method: string;
  /** Whether the body was read. */
  bodyUsed: boolean;
  /** The body; `null` if there is none. */
  body: ByteStream | null;
  /** The headers. */
  headers: FetchHeaders;
}

/** What is used of a `Response`. */
export interface PlainResponse {
  /** The HTTP status. */
  status: number;
  /** The body; `null` if there is none. */
  body: ByteStream | null;
  /** The headers. */
  headers: FetchHeaders;
  /** Returns the whole body. */
  arrayBuffer(): Promise<ArrayBuffer>;
}
