import { parsePeerAddress } from '../cluster/peer-address.ts'
import type { PeerAddress } from '../cluster/network.ts'
import { bearerFault } from './certificate-names.ts'
import { commonVersion, type Hello } from './hello.ts'
import type { PeersOptions, RefusalCode, Self } from './options.ts'
import { BOOTSTRAP_IDENTITY, JOIN_IDENTITY, type Proven } from './peer-tls.ts'

export type Verdict =
  | { kind: 'welcome'; version: number; token?: string }
  | { kind: 'refused'; code: RefusalCode; reason: string }

export interface JudgeDeps {
  self: Self
  versions: { min: number; max: number }
  /** What is known of the member that the other claims to be. */
  known: PeerAddress | undefined
  admit: NonNullable<PeersOptions['admit']>
}

/** Whether somebody who said hello is let in. */
export function judge(hello: Hello, proven: Proven, deps: JudgeDeps): Verdict {
  const common = commonVersion(deps.versions, hello.versions)
  if ('fault' in common) return refused('version', `${deps.self.name} cannot talk to ${hello.name}: ${common.fault}`)
  if (hello.purpose !== 'member' && hello.channel !== 'line')
    return refused('not-allowed', 'only a member sends messages')
  const fault = proofFault(hello, proven, deps.known)
  if (fault !== undefined) return refused('not-allowed', fault)
  if (hello.purpose === 'member') {
    const stranger = memberFault(hello, deps)
    if (stranger !== undefined) return stranger
  }
  const token =
    hello.purpose === 'join' && proven.kind === 'psk' ? proven.identity.slice(JOIN_IDENTITY.length) : undefined
  return { kind: 'welcome', version: common.version, ...(token === undefined ? {} : { token }) }
}

/** What TLS has proved has to be what the hello claims. */
function proofFault(hello: Hello, proven: Proven, known: PeerAddress | undefined): string | undefined {
  if (proven.kind === 'psk') {
    const { purpose, cluster } = hello
    const { identity } = proven
    const fits = {
      member: identity === cluster,
      bootstrap: identity === BOOTSTRAP_IDENTITY,
      join: identity.startsWith(JOIN_IDENTITY),
    }
    return fits[purpose] ? undefined : `the key that was proved is not one for the purpose ${purpose}`
  }
  const { name, address } = known ?? hello
  const host = parsePeerAddress(address)?.host
  return bearerFault(proven.certificate, { name, ...(host === undefined ? {} : { host }) })
}

function memberFault({ cluster, member, name, channel }: Hello, { self, admit }: JudgeDeps): Verdict | undefined {
  if (self.cluster === undefined) return refused('other-cluster', `${self.name} belongs to no cluster yet`)
  if (cluster !== self.cluster)
    return refused('other-cluster', `${self.name} belongs to cluster ${self.cluster}, not to ${cluster ?? 'none'}`)
  if (member === self.member) return refused('not-allowed', `${self.name} has that member's id itself`)
  const verdict = admit(member)
  if (verdict === 'removed') return refused(verdict, `${name} was removed from the cluster`)
  if (verdict === 'unknown-member' || (verdict === 'guest' && channel === 'line'))
    return refused('unknown-member', `${self.name} knows no such member of the cluster`)
  return undefined
}

function refused(code: RefusalCode, reason: string): Verdict {
  return { kind: 'refused', code, reason }
}
