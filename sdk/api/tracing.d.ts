// What @cronclave/sdk promises: written by `npm run api`.

export declare function traced<Params, Result>(handler: Handler<Params, Result>): Handler<Params, Awaited<Result>>;
