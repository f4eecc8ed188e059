import { randomBytes } from 'node:crypto'
import { type SigningKey, signingKey } from '../../signing/secret.ts'
import type { Call, Subject } from './caller.ts'
import { accepted, type Check, expectEqual, refused } from './check.ts'
import { dispatch, ECHO } from './messages.ts'
import { secretSigner } from './signer.ts'

/** Beyond the tolerance of 300 s, with room for clocks that differ a little. */
const TOO_FAR_MS = 400_000

type Headers = Record<string, string | undefined>

/** What an executor does with signatures by a secret: calls that nobody with it has made, or not so, have to be refused. */
export function secretChecks(key: SigningKey): readonly Check[] {
  return [
    {
      name: 'accepts a call with a second signature, as while a secret is rotated',
      async run(subject) {
        const call = { ...dispatch(subject, ECHO), as: secretSigner(foreignKey(), key) }
        expectEqual('outcome', (await accepted(subject, call, 'run.result'))['outcome'], 'succeeded')
      },
    },
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
    refusal('a call signed with another secret', () => ({ as: secretSigner(foreignKey()) })),
    refusal('a call of long ago', () => ({ shiftMs: -TOO_FAR_MS })),
    refusal('a call of the future', () => ({ shiftMs: TOO_FAR_MS })),
  ]
}

function forged(what: string, spoil: NonNullable<Call['spoil']>): Check {
  return refusal(what, () => ({ spoil }))
}

function refusal(what: string, change: () => Partial<Call>): Check {
  const call = (subject: Subject) => ({ ...dispatch(subject, ECHO), ...change() })
  return { name: `refuses ${what}`, run: (subject) => refused(subject, call(subject), 401) }
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

function foreignKey(): SigningKey {
  return signingKey(`whsec_${randomBytes(32).toString('base64')}`)
}
