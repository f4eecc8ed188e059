import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import { pause } from '../runtime/pause.ts'
import { decodeJoinReply, encodeJoin, type JoinReply, type JoinRequest } from './join-codec.ts'
import { joinProof, type JoinToken } from './join-token.ts'
import { ClusterRefused } from './refused.ts'

/** Pause before all addresses are tried again, in milliseconds. */
const AGAIN_MS = 1000
/** After how long a node gives up that no member took in, in milliseconds; starting it again begins anew. */
const GIVE_UP_MS = 120_000
/** How long a member may take to answer: the leader commits the change meanwhile. */
const ASK_TIMEOUT_MS = 15_000

export interface JoinDeps {
  clock: Clock
  logger: Logger
  token: JoinToken
  self: Pick<JoinRequest, 'address' | 'apiUrl' | 'folder' | 'version' | 'clusterVersion' | 'tzdata'>
  /** Asks whoever listens at an address, over a connection that the token's secret has proved. */
  ask(address: string, body: Uint8Array, timeoutMs: number): Promise<Uint8Array>
}

/** What a node that has joined begins with. */
export interface Joined {
  member: string
  cluster: string
  name: string
  /** Base64 of 32 bytes. */
  clusterKey: string
  members: { id: string; name: string; address: string }[]
}

/**
 * Shows a join token to the members that it names, one after the other, until one takes it. Rejects with `ClusterRefused`
 * when none ever will, or with the reason of the signal.
 */
export async function joinCluster(deps: JoinDeps, signal: AbortSignal): Promise<Joined> {
  const { clock, logger, token } = deps
  const { cluster, member } = token
  const until = clock.monotonic() + GIVE_UP_MS
  for (;;) {
    const faults: string[] = []
    for (const address of token.addresses) {
      signal.throwIfAborted()
      const reply = await askOne(address, deps)
      if (reply.kind === 'joined') {
        const { name, clusterKey, members } = reply
        return { member, cluster, name, clusterKey, members }
      }
      if (reply.kind === 'refused') throw new ClusterRefused(reply.why, reply.next)
      faults.push(`${address}: ${reply.why}`)
    }
    if (clock.now() > token.expiresAt || clock.monotonic() > until) throw given(faults, clock.now() > token.expiresAt)
    logger.info({ faults }, 'no member has taken this node in yet')
    await pause(clock, AGAIN_MS, signal)
  }
}

async function askOne(address: string, { token, self, ask }: JoinDeps): Promise<JoinReply> {
  const { cluster, member, secret } = token
  const said = { ...self, cluster, member }
  const request = { ...said, proof: joinProof(secret, said) }
  try {
    return decodeJoinReply(await ask(address, encodeJoin(request), ASK_TIMEOUT_MS))
  } catch (error) {
    return { kind: 'later', why: error instanceof Error ? error.message : String(error) }
  }
}

function given(faults: readonly string[], isExpired: boolean): ClusterRefused {
  return new ClusterRefused(
    `${isExpired ? 'The join token has expired, and no' : 'No'} member took this node in: ${faults.join('; ')}.`,
    'See that this node reaches the peer port of a member. If it does, the member was removed or its token has expired: make another one with `cronclave member add`.',
  )
}
