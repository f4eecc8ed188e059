import type { Call, Subject } from './caller.ts'
import { accepted, type Check, expectEqual, refused } from './check.ts'
import { dispatch, ECHO, message, raw } from './messages.ts'

const BODY_BYTES_MAX = 1024 * 1024

/** Calls that are signed rightly, and that an executor does not take. */
export function refusalChecks(auth: 'hmac' | 'jwt'): readonly Check[] {
  // A token is about the job that its body names: where there is none it may be the token that is wrong.
  const noMessage = auth === 'jwt' ? [400, 401, 422] : [400, 422]
  return [
    refusal('a call for another service', (subject) => dispatch(subject, ECHO, { service: 'somebody-else' }), 421),
    refusal('a call for another namespace', (subject) => dispatch(subject, ECHO, { namespace: 'elsewhere' }), 421),
    refusal('an attempt under the id of another', (subject) => ({ ...echo(subject), id: 'cf-another' }), 400, 422),
    refusal('a message of an unknown type', (subject) => message(subject, 'run.unknown'), 400, 422),
    refusal('an unknown handler', (subject) => dispatch(subject, 'conformance.nothing'), 404),
    refusal('a body that is not UTF-8', () => raw(Buffer.from([0xff, 0xfe, 0x00, 0x80, 0xc3, 0x28])), ...noMessage),
    refusal('a body that is not JSON', () => raw(Buffer.from('{"type":')), ...noMessage),
    refusal('JSON that is no object', () => raw(Buffer.from('[1]')), ...noMessage),
    refusal('an empty body', () => raw(Buffer.alloc(0)), ...noMessage),
    refusal('GET', (subject) => ({ ...echo(subject), method: 'GET' }), 404, 405),
    {
      name: 'refuses a body of more than 1 MiB',
      run: (subject) =>
        refused(subject, dispatch(subject, ECHO, { params: { fill: 'x'.repeat(BODY_BYTES_MAX) } }), 413),
    },
    {
      name: 'lets nothing decide that is not signed',
      async run(subject) {
        const call = dispatch(subject, ECHO, { params: { from: 'the body' } })
        const spoil: Call['spoil'] = (headers) => {
          headers['cronclave-attempt'] = '99'
          headers['cronclave-handler'] = 'conformance.wait'
          return undefined
        }
        const { result } = await accepted(subject, { ...call, spoil }, 'run.result')
        expectEqual('result.params', Object(result)['params'], { from: 'the body' })
      },
    },
  ]
}

function refusal(what: string, call: (subject: Subject) => Call, ...statuses: number[]): Check {
  return { name: `refuses ${what}`, run: (subject) => refused(subject, call(subject), ...statuses) }
}

function echo(subject: Subject): Call {
  return dispatch(subject, ECHO)
}
