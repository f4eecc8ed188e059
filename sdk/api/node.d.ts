// What @cronclave/sdk promises: written by `npm run api`.

export declare function listen(executor: Pick<Executor, 'listen'>, { drain, ...options }: ListenOptions & {
    drain?: Duration;
}): Promise<Started>;

export declare function node(executor: Callable): (req: IncomingMessage, res: ServerResponse) => void;

export declare function start(executor: Pick<Executor, 'start'>, { drain, ...options }: StartOptions & {
    drain?: Duration;
}): Promise<Started>;
