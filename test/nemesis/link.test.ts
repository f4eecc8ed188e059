import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { Link } from '../support/link.ts'

/** Something that sends back what it gets, a link to it, and a connection over the link. */
async function echo(): Promise<{ link: Link; socket: Socket; dial: () => Socket }> {
  const server = createServer((socket) => socket.on('error', () => undefined).pipe(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const link = await Link.open((server.address() as AddressInfo).port)
  const dial = () => connect(link.port, '127.0.0.1').on('error', () => undefined)
  const socket = dial()
  await once(socket, 'connect')
  onTestFinished(() => {
    socket.destroy()
    link.close()
    server.close()
  })
  return { link, socket, dial }
}

function reset(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once('close', resolve))
}

async function answer(socket: Socket, length: number): Promise<string> {
  let text = ''
  while (text.length < length) text += String((await once(socket, 'data'))[0])
  return text
}

test('an open link passes everything both ways', async () => {
  const { socket } = await echo()
  socket.write('hello')
  expect(await answer(socket, 5)).toBe('hello')
})

test('a link that holds passes nothing, breaks nothing, and passes it all when it opens', async () => {
  const { link, socket, dial } = await echo()
  link.set({ kind: 'hold' })
  let heard = ''
  socket.on('data', (chunk) => (heard += String(chunk)))
  socket.write('one')
  const late = dial()
  await once(late, 'connect')
  late.write('two')
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect([heard, socket.destroyed]).toEqual(['', false])
  link.set({ kind: 'open' })
  expect(await answer(late, 3)).toBe('two')
  expect(heard).toBe('one')
  late.destroy()
})

test('a link that breaks resets what is open and what is dialled', async () => {
  const { link, socket, dial } = await echo()
  link.set({ kind: 'break' })
  await reset(socket)
  await reset(dial())
  link.set({ kind: 'open' })
  const again = dial()
  again.write('again')
  expect(await answer(again, 5)).toBe('again')
  again.destroy()
})

test('a link that delays keeps the order, also of what comes after the delay ended', async () => {
  const { link, socket } = await echo()
  link.set({ kind: 'delay', ms: 60 })
  const began = performance.now()
  const all = answer(socket, 8)
  socket.write('slow')
  await new Promise((resolve) => setTimeout(resolve, 20))
  link.set({ kind: 'open' })
  socket.write('fast')
  expect(await all).toBe('slowfast')
  expect(performance.now() - began).toBeGreaterThan(55)
})
