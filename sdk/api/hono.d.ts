// What @cronclave/sdk promises: written by `npm run api`.

export declare function hono(executor: Callable): (c: Context) => Promise<Response>;
