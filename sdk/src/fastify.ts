import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify'
import type { Callable } from './executor.ts'
import { callOf, closesConnection, collectBody, processRuntime } from './node-bridge.ts'
import type { RawCall } from './receiver.ts'

/**
 * A Fastify plugin that answers at its prefix. It reads bodies itself, in a scope of its own: other routes keep their parsers.
 * @example
 * const app = Fastify()
 * await app.register(fastify(executor), { prefix: '/jobs' })
 */
export function fastify(executor: Callable): FastifyPluginCallback {
  return (scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (request, payload, parsed) => {
      void bodyOf(request, payload).then((body) => parsed(null, body))
    })
    scope.all('/', (request, reply) => answer(executor, request, reply))
    done()
  }
}

/** A hook may have kept the bytes as `rawBody`; one that has read them and kept nothing leaves none. */
function bodyOf(request: FastifyRequest, payload: FastifyRequest['raw']): Promise<RawCall['body']> {
  const { rawBody } = request as { rawBody?: unknown }
  if (rawBody instanceof Uint8Array) return Promise.resolve(rawBody)
  return collectBody(payload)
}

async function answer(executor: Callable, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const body = (request.body as RawCall['body'] | undefined) ?? new Uint8Array()
  const call: RawCall = { ...callOf(request.raw, reply.raw, body), mount: 'fastify' }
  const { status, headers, body: text } = await executor.receive(call, processRuntime())
  if (closesConnection(request.raw, body)) void reply.header('connection', 'close')
  return reply.code(status).headers(headers).send(text)
}
