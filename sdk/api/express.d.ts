// What @cronclave/sdk promises: written by `npm run api`.

export declare function captureRawBody(req: IncomingMessage, _res: unknown, bytes: Uint8Array): void;

export declare function express(executor: Callable): (req: IncomingMessage, res: ServerResponse) => void;
