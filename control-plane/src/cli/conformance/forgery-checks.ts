import { randomBytes } from 'node:crypto'
import { signingKey } from '../../signing/secret.ts'
import type { Call, Subject } from './caller.ts'
import { accepted, type Check, expectEqual, refused } from './check.ts'
import { dispatch, ECHO, message, raw } from './messages.ts'

/** Beyond the tolerance of 300 s, with room for clocks that differ a little. */
const TOO_FAR_MS = 400_000
const BODY_BYTES_MAX = 1024 * 1024

type Headers = Record<string, string | undefined>

/** Calls that nobody with the secret has made, or not so: each has to be refused. */
export const FORGERY_CHECKS: readonly Check[] = [
  forged('a call without signature', (headers) => without(headers, 'webhook-signature')),
  forged('a call without webhook-id', (headers) => without(headers, 'webhook-id')),
  forged('a call without webhook-timestamp', (headers) => without(headers, 'webhook-timestamp')),
  forged('a body with one byte changed', (_, body) => ({ body: changed(body) })),
  forged('a body with a space more', (_, body) => ({ body: Buffer.concat([body, Buffer.from(' ')]) })),
  forged('another webhook-id', (headers) => put(headers, 'webhook-id', `${headers['webhook-id']}x`)),
  forged('another webhook-timestamp', (headers) =>
    put(headers, 'webhook-timestamp', String(Number(headers['webhook-timestamp']) + 1)),
  ),
  forged('a signature of another version', (headers) =>
    put(headers, 'webhook-signature', headers['webhook-signature']?.replace('v1,', 'v2,')),
  ),
  forged('a signature that was cut', (headers) =>
    put(headers, 'webhook-signature', headers['webhook-signature']?.slice(0, -4)),
  ),
  forged('the signature of method and path in place of the other', (headers) =>
    put(headers, 'webhook-signature', headers['cronclave-signature']),
  ),
  refusal('a call signed with another secret', (subject) => ({ ...echo(subject), keys: [foreignKey()] }), 401),
  refusal('a call of long ago', (subject) => ({ ...echo(subject), shiftMs: -TOO_FAR_MS }), 401),
  refusal('a call of the future', (subject) => ({ ...echo(subject), shiftMs: TOO_FAR_MS }), 401),
  refusal('a call for another service', (subject) => dispatch(subject, ECHO, { service: 'somebody-else' }), 421),
  refusal('a call for another namespace', (subject) => dispatch(subject, ECHO, { namespace: 'elsewhere' }), 421),
  refusal('an attempt under the id of another', (subject) => ({ ...echo(subject), id: 'cf-another' }), 400, 422),
  refusal('a message of an unknown type', (subject) => message(subject, 'run.unknown'), 400, 422),
  refusal('an unknown handler', (subject) => dispatch(subject, 'conformance.nothing'), 404),
  refusal('a body that is not UTF-8', () => raw(Buffer.from([0xff, 0xfe, 0x00, 0x80, 0xc3, 0x28])), 400, 422),
  refusal('a body that is not JSON', () => raw(Buffer.from('{"type":')), 400, 422),
  refusal('JSON that is no object', () => raw(Buffer.from('[1]')), 400, 422),
  refusal('an empty body', () => raw(Buffer.alloc(0)), 400, 422),
  refusal('GET', (subject) => ({ ...echo(subject), method: 'GET' }), 404, 405),
  {
    name: 'refuses a body of more than 1 MiB',
    run: (subject) => refused(subject, dispatch(subject, ECHO, { params: { fill: 'x'.repeat(BODY_BYTES_MAX) } }), 413),
  },
  {
    name: 'lets nothing decide that is not signed',
    async run(subject) {
      const call = dispatch(subject, ECHO, { params: { from: 'the body' } })
      const spoil = (headers: Headers) => {
        put(headers, 'cronclave-attempt', '99')
        put(headers, 'cronclave-handler', 'conformance.wait')
        return undefined
      }
      const { result } = await accepted(subject, { ...call, spoil }, 'run.result')
      expectEqual('result.params', Object(result)['params'], { from: 'the body' })
    },
  },
]

function forged(what: string, spoil: NonNullable<Call['spoil']>): Check {
  return refusal(what, (subject) => ({ ...echo(subject), spoil }), 401)
}

function refusal(what: string, call: (subject: Subject) => Call, ...statuses: number[]): Check {
  return { name: `refuses ${what}`, run: (subject) => refused(subject, call(subject), ...statuses) }
}

function echo(subject: Subject): Call {
  return dispatch(subject, ECHO)
}

function without(headers: Headers, name: string): undefined {
  return put(headers, name, undefined)
}

function put(headers: Headers, name: string, value: string | undefined): undefined {
  headers[name] = value
}

function changed(body: Buffer): Buffer {
  return Buffer.from(body.toString().replace('"attempt":1', '"attempt":2'))
}

function foreignKey() {
  return signingKey(`whsec_${randomBytes(32).toString('base64')}`)
}
