import type { SigningKey } from '@cronclave/openapi'
import type { TokenAlgorithm } from '../discovery/executor.ts'
import { Problem } from '../problems.ts'
import { generateKeys, publicJwk } from '../signing/token.ts'
import type { KeyPair } from '../state/signing-keys.ts'
import type { State } from '../state/state.ts'
import type { ApiContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import { submit } from './outcome.ts'
import { type Order, pageOf } from './pages.ts'
import { timeText } from './times.ts'

type Operations = 'getJwks' | 'listSigningKeys' | 'createSigningKey' | 'activateSigningKey' | 'deleteSigningKey'

const NEWEST_FIRST: Order<KeyPair> = {
  name: 'signing-keys:ns',
  key: ({ createdAt, id }) => [createdAt, id],
  descending: true,
}

/** How long a list of keys may be kept, in seconds. */
const LIST_LIFE_S = 300

export function signingKeyHandlers(context: ApiContext): Pick<Handlers, Operations> {
  const { state, clock } = context

  function shown(id: string): SigningKey {
    const pair = state().signingKeys.get(id)
    if (!pair) throw new Problem('signing-key-not-found', 'it was removed meanwhile')
    return view(state(), pair)
  }

  return {
    getJwks: () => ({
      status: 200,
      body: { keys: [...state().signingKeys.values()].map(publicJwk) },
      headers: { 'cache-control': `max-age=${LIST_LIFE_S}` },
    }),

    async listSigningKeys({ query }) {
      const page = await pageOf(state().signingKeys.values(), () => true, NEWEST_FIRST, query)
      return { status: 200, body: { ...page, items: page.items.map((pair) => view(state(), pair)) } }
    },

    async createSigningKey({ body: { alg, issuer } }) {
      return { status: 201, body: shown(await makeKey(context, alg, { ...(issuer === undefined ? {} : { issuer }) })) }
    },

    async activateSigningKey({ path, query: { force = false } }) {
      await submit(context, { kind: 'signing-key-activate', at: clock.now(), id: path.key, force })
      return { status: 200, body: shown(path.key) }
    },

    async deleteSigningKey({ path, query: { force = false } }) {
      await submit(context, { kind: 'signing-key-delete', at: clock.now(), id: path.key, force })
      return { status: 204 }
    },
  }
}

/** Makes a key and answers its id; with `onlyFirst` nothing when one signs for the algorithm already. */
export async function makeKey(
  context: ApiContext,
  alg: TokenAlgorithm,
  { issuer, ...options }: { issuer?: string; onlyFirst?: boolean } = {},
): Promise<string> {
  const { clock, sealer, state } = context
  const { secret, ...pair } = generateKeys(alg)
  const command = {
    kind: 'signing-key-put',
    at: clock.now(),
    ...pair,
    issuer: issuer ?? issuerOf(state(), alg) ?? context.baseUrl,
    sealed: sealer.seal(secret),
    ...options,
  } as const
  await submit(context, command)
  return pair.id
}

/** That of the key that signs, or of any other: executors find all keys at one address. */
function issuerOf({ signingKeys }: State, alg: TokenAlgorithm): string | undefined {
  const active = [...signingKeys.values()].filter((pair) => pair.state === 'active')
  return (active.find((pair) => pair.alg === alg) ?? active[0])?.issuer
}

function view(state: State, pair: KeyPair): SigningKey {
  const { id, alg, issuer, createdAt, activatedAt, retiredAt } = pair
  let services = 0
  if (pair.state === 'active')
    for (const { signing } of state.services.values())
      if (signing?.scheme === 'jwt' && signing.alg === alg) services += 1
  return {
    id,
    alg,
    issuer,
    state: pair.state,
    createdAt: timeText(createdAt),
    ...(activatedAt === undefined ? {} : { activatedAt: timeText(activatedAt) }),
    ...(retiredAt === undefined ? {} : { retiredAt: timeText(retiredAt) }),
    services,
  }
}
