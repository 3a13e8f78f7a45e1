import type { Answered, ReceiveOptions } from "./receive.js";

/** What a handler does with deliveries. */
export type NodeHandlerOptions = ReceiveOptions & {
  /** Called with the result of each delivery, after it was answered. */
  answered?: (result: Answered) => void | Promise<void>;
};

/** What is used of a request of `node:http`. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** What is used of a response of `node:http`. */
export interface NodeResponse {
  writeHead(status: number, headers?: Record<string, string>): unknown;
  end(): unknown;
}

/**
 * Returns a handler of webhook deliveries for `node:http`, Express and Connect, which does what `receive` does.
 *
 * It needs the bytes as they were received: put it before parsers such as `express.json()`. With
 * `express.raw({ type: "*\/*" })`, or with a `rawBody` beside a parsed body, it may come after them.
 *
 * A mistake of the program, such as a body that was parsed before, is passed to `next`. Without `next`, the answer is
 * 500, and the promise is rejected.
 *
 * @example
 * ```js
 * const app = express();
 * app.post("/zendesk", nodeHandler({ secrets: [process.env.SECRET], fold }));
 * app.use(express.json());
 * ```
 */
export declare function nodeHandler(
  options: NodeHandlerOptions,
): (request: NodeRequest, response: NodeResponse, next?: (error: unknown) => void) => Promise<void>;

/**
 * A plugin for Fastify: a route at `path` that receives webhook deliveries as `receive` does. Other routes keep their
 * parsers.
 *
 * @example
 * ```js
 * fastify.register(fastifyPlugin, { path: "/zendesk", secrets: [process.env.SECRET], fold });
 * ```
 */
export declare function fastifyPlugin(fastify: object, options: NodeHandlerOptions & { path: string }): Promise<void>;
