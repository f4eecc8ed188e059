import { expect, test } from 'vitest'
import { eventParser, type ServerEvent } from './event-source.ts'

test('events are read the same however the stream is cut', () => {
  const text =
    ': hello\n\nid: 7-1\nevent: run.ended\ndata: {"a":1}\n\nid: 7-2\r\nevent: run.started\r\ndata: one\r\ndata: two\r\n\r\n'
  for (let size = 1; size <= text.length; size++) {
    const seen: ServerEvent[] = []
    const parse = eventParser((event) => seen.push(event))
    for (let at = 0; at < text.length; at += size) parse(text.slice(at, at + size))
    expect(seen).toEqual([
      { id: '7-1', event: 'run.ended', data: '{"a":1}' },
      { id: '7-2', event: 'run.started', data: 'one\ntwo' },
    ])
  }
})

test('a comment is no event, and an event without data is one', () => {
  const seen: ServerEvent[] = []
  const parse = eventParser((event) => seen.push(event))
  parse(': ping\n\nevent: reset\n\n')
  expect(seen).toEqual([{ id: undefined, event: 'reset', data: '' }])
})
