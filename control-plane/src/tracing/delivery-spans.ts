import type { ChannelSender, Sent } from '../alerts/channel.ts'
import type { Exchange, ExchangeOwner, Http } from '../dispatch/http.ts'
import type { SinkTarget } from '../logs/row.ts'
import type { Tracing } from './tracing.ts'

/** Channels, with a span for each message. */
export function tracedChannels(tracing: Tracing, channels: ChannelSender): ChannelSender {
  return {
    send(channel, secret, text) {
      const attributes = {
        'cronclave.channel': channel.name,
        'cronclave.channel.kind': channel.target.kind,
        'cronclave.alert.kind': text.kind,
      }
      return tracing.delivery('alert', attributes, () => channels.send(channel, secret, text), outcomeOf)
    },
    close: () => channels.close(),
  }
}

function outcomeOf({ kind }: Sent): { outcome: string; failed: boolean } {
  return { outcome: kind, failed: kind !== 'delivered' }
}

/** A sink, with a span for each batch of rows. */
export function tracedTarget(tracing: Tracing, sink: string, target: SinkTarget): SinkTarget {
  return {
    prepare: () => target.prepare(),
    write(rows) {
      const attributes = { 'cronclave.sink': sink, 'cronclave.rows': rows.length }
      return tracing.delivery('rows', attributes, () => target.write(rows))
    },
    writeGaps: (gaps) => target.writeGaps(gaps),
    sums: (upTo) => target.sums(upTo),
    rowsOf: (kind, hour, upTo) => target.rowsOf(kind, hour, upTo),
    close: () => target.close(),
  }
}

/** The way of what services are told although nothing runs, with a span for each time. */
export function tracedNotices(tracing: Tracing, http: Http): Http {
  return {
    get connections() {
      return http.connections
    },
    hasRoom: (origin) => http.hasRoom(origin),
    onRoom: (listener) => http.onRoom?.(listener),
    send(request, owner, options) {
      const attributes = { 'server.address': new URL(request.origin).hostname, 'http.request.method': request.method }
      const end = tracing.begin('notice', attributes)
      const told: ExchangeOwner = {
        onSent: () => owner.onSent(),
        onDone(result) {
          const status = result.reply?.status
          end({ outcome: String(status ?? 'no reply'), failed: status === undefined || status >= 300 })
          owner.onDone(result)
        },
      }
      const exchange: Exchange = http.send(request, told, options)
      return {
        abort() {
          exchange.abort()
          end({ outcome: 'aborted', failed: true })
        },
      }
    },
    close: () => http.close(),
  }
}
