// What @cronclave/sdk promises: written by `npm run api`.

export interface Worker {
    fetch(request: Request, env: unknown, context: ExecutionContext): Promise<Response>;
}

export declare function workers(executor: Pick<Executor, 'fetch'>): Worker;

// not exported
interface ExecutionContext {
    waitUntil(promise: Promise<unknown>): void;
}
