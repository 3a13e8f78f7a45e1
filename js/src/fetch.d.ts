// What this package uses of the Fetch API, for compilers that don't know it.

/** A request of the Fetch API. */
export type FetchRequest = typeof globalThis extends { Request: { prototype: infer Known } }
  ? Known
  : { method: string; bodyUsed: boolean; body: ByteStream | null; headers: { get(name: string): string | null } };

/** A response of the Fetch API. */
export type FetchResponse = typeof globalThis extends { Response: { prototype: infer Known } }
  ? Known
  : {
      status: number;
      body: ByteStream | null;
      headers: { forEach(each: (value: string, name: string) => void): void };
      arrayBuffer(): Promise<ArrayBuffer>;
    };

/** A stream of bytes, such as a `ReadableStream`. */
export interface ByteStream {
  getReader(): {
    read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
    cancel(): Promise<void>;
  };
}
