import type { AlertText, Channel, ChannelTarget } from '../channel.ts'

/** What the tests of channels stand on: texts that mean harm, and a channel to send them by. */
export const HOSTILE = {
  quotes: `it's "quoted" \\ and \`ticked\``,
  html: '<script>alert(1)</script><img src=x onerror=alert(2)> & <b>bold</b>',
  crlf: 'a\r\nBcc: victim@example.com\r\n\r\nbody',
  wide: '任务失败 🔥𝒳é',
  markdown: '# head\n> quote\n[click](https://evil.example) **bold** <@all> @all ![x](http://evil.example/p.png)',
  mention: '<!channel> <@U123> <!here|x>',
  control: 'bell\u0007 escape\u001b[31m null\u0000 turned\u202e lone\ud800',
} as const

/** A text in which each field holds `value`. */
export function textWith(value: string, change: Partial<AlertText> = {}): AlertText {
  return {
    id: 'alert_c1_7',
    cluster: 'c1',
    key: 'e7',
    kind: 'firing',
    title: value,
    summary: value,
    rule: value,
    subject: { kind: 'job', id: '3', name: value, namespace: value },
    count: 1,
    since: Date.UTC(2026, 10, 21, 12),
    facts: [
      { label: value, value },
      { label: 'Run', value },
    ],
    link: 'https://cron.example.com/n/default/runs/r1',
    ...change,
  }
}

export function channelOf(target: ChannelTarget, change: Partial<Channel> = {}): Channel {
  return {
    uid: 1,
    name: 'ops',
    namespace: 0,
    target,
    messagesMax: 10,
    windowMs: 60_000,
    version: 1,
    createdAt: 0,
    updatedAt: 0,
    createdBy: 'test',
    ...change,
  }
}
