import { parsePeerAddress } from '../cluster/peer-address.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Bearer } from './certificate-names.ts'
import { dial, type Dialled } from './dial.ts'
import { PROTOCOL } from './hello.ts'
import type { Credentials, DialAs, Line, Self } from './options.ts'
import { peerTls } from './peer-tls.ts'
import { Requests } from './requests.ts'
import { FRAME } from './stream.ts'

/** Connects to a node for single requests, from one that has no port of its own yet. `name`: what it is called, if known. */
export async function dialOut(
  address: string,
  as: DialAs,
  from: { clock: Clock; logger: Logger; self: Self; credentials: Credentials; name?: string | undefined },
): Promise<Line> {
  const tls = await peerTls(from.credentials, from)
  const bearer = bearerAt(address, from.name)
  try {
    const { clock, self } = from
    return lineOver(
      await dial({ address, bearer, channel: 'line', as }, { clock, tls, self, versions: PROTOCOL }),
      clock,
    )
  } finally {
    // The connection that is made keeps what it needs.
    tls.close()
  }
}

/** Whose certificate has to be shown at an address, by somebody who may be known by name. */
export function bearerAt(address: string, name?: string): Bearer {
  const host = parsePeerAddress(address)?.host
  return { ...(name === undefined ? {} : { name }), ...(host === undefined ? {} : { host }) }
}

/** Requests and their replies over a connection, and nothing else. */
export function lineOver({ stream, remote }: Dialled, clock: Clock): Line {
  const requests = new Requests(stream, clock)
  stream.events = {
    onFrame: (type, body) => {
      if (type === FRAME.reply) requests.onReply(body)
    },
    onTick: () => {
      stream.out.begin(FRAME.ping).f64(clock.monotonic()).end()
      stream.send()
    },
    onClose: (reason) => requests.lost(reason),
  }
  return {
    remote,
    request: async (kind, body, timeoutMs) => requests.send(kind, body, timeoutMs),
    close: () => stream.finish('it is not needed any more'),
  }
}
