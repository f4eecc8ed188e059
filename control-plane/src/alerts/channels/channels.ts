import type { Http } from '../../dispatch/http.ts'
import type { WireRequest } from '../../dispatch/request.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { AlertText, Channel, ChannelSender, Sent } from '../channel.ts'
import { oneLine } from '../plain.ts'
import { dingtalkRequest, judgeDingtalk } from './dingtalk.ts'
import { feishuRequest, judgeFeishu } from './feishu.ts'
import { Mailer, type MailerDeps } from './mail.ts'
import { type Answer, createPost, judgeWebhook } from './post.ts'
import { readSecret } from './secret.ts'
import { judgeSlack, slackRequest } from './slack.ts'
import { withoutPath } from './unsaid.ts'
import { webhookRequest } from './webhook.ts'
import { judgeWecom, wecomRequest } from './wecom.ts'

export interface ChannelsDeps extends MailerDeps {
  clock: Clock
  http: Http
}

const ERROR_CHARS_MAX = 300

/** Sends by every kind of channel. Nothing of a secret, the address of an incoming webhook included, stands in errors. */
export function createChannels({ http, clock, ...mail }: ChannelsDeps): ChannelSender {
  const mailer = new Mailer({ clock, ...mail })
  const post = createPost(http, clock)

  async function posted(request: WireRequest, judge: (answer: Answer) => Sent): Promise<Sent> {
    try {
      const answer = await post(request)
      return judge({ ...answer, text: withoutPath(answer.text, request.path) })
    } catch (error) {
      const text = oneLine(error instanceof Error ? error.message : String(error), ERROR_CHARS_MAX)
      const isRefused = error instanceof Error && 'code' in error && error.code === 'EGRESS_REFUSED'
      return { kind: isRefused ? 'failed' : 'retry', error: text }
    }
  }

  function byHttp(channel: Channel, opened: string | undefined, text: AlertText): Promise<Sent> | Sent {
    const { target } = channel
    const { secret, url } = readSecret(opened)
    const now = clock.now()
    if (target.kind === 'webhook' && secret === undefined)
      return { kind: 'failed', error: 'the channel has no signing secret' }
    if (url === undefined) return { kind: 'failed', error: 'the channel has no address' }
    if (target.kind === 'webhook') return posted(webhookRequest(url, secret ?? '', text, now), judgeWebhook)
    if (target.kind === 'slack') return posted(slackRequest(url, text), judgeSlack)
    if (target.kind === 'dingtalk') return posted(dingtalkRequest(url, secret, text, now), judgeDingtalk)
    if (target.kind === 'feishu') return posted(feishuRequest(url, secret, text, now), judgeFeishu)
    return posted(wecomRequest(url, text), judgeWecom)
  }

  return {
    async send(channel, secret, text) {
      const { target } = channel
      try {
        return target.kind === 'email'
          ? await mailer.send(channel, target, readSecret(secret).password, text)
          : await byHttp(channel, secret, text)
      } catch {
        // A secret or an address that cannot be read, of which nothing is said.
        return { kind: 'failed', error: 'the secret of the channel cannot be used' }
      }
    },
    async close() {
      mailer.close()
    },
  }
}
