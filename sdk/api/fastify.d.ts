// What @cronclave/sdk promises: written by `npm run api`.

export declare function fastify(executor: Callable): FastifyPluginCallback;
