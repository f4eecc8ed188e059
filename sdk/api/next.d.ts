// What @cronclave/sdk promises: written by `npm run api`.

export declare function next(executor: Pick<Executor, 'fetch'>): {
    POST: (request: Request) => Promise<Response>;
};
