import type { RawCall } from './receiver.ts'

/** The raw bytes of a request; or why there are none. Never rejects. */
export async function readBody(request: Request, bytesMax: number): Promise<RawCall['body']> {
  try {
    if (request.bodyUsed) return 'unavailable'
    if (!request.body) return new Uint8Array()
    const length = request.headers.get('content-length')
    if (length !== null) {
      return Number(length) <= bytesMax ? new Uint8Array(await request.arrayBuffer()) : 'too-large'
    }
    return await collect(request.body, bytesMax)
  } catch {
    return 'unavailable'
  }
}

async function collect(stream: ReadableStream<Uint8Array>, bytesMax: number): Promise<RawCall['body']> {
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = stream.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > bytesMax) {
      await reader.cancel()
      return 'too-large'
    }
    chunks.push(value)
  }
  return join(chunks, length)
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}
