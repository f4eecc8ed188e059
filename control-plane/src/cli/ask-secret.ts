import type { ReadStream } from 'node:tty'

const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const BACKSPACES = new Set(['\b', '\u007F'])
/** Characters that are taken at most. */
const LENGTH_MAX = 1000

/** Asks on a terminal for what nobody is to see; resolves at the end of the line, rejects at Ctrl-C. */
export function askSecret(
  input: Pick<ReadStream, 'setRawMode' | 'on' | 'off' | 'pause' | 'resume' | 'setEncoding'>,
  output: { write(text: string): unknown },
  question: string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const done = () => {
      input.off('data', onData)
      input.setRawMode(false)
      input.pause()
      output.write('\n')
    }
    const onData = (chunk: unknown) => {
      for (const character of String(chunk)) {
        if (character === CTRL_C) {
          done()
          return reject(new Error('the question was not answered'))
        }
        if (character === '\r' || character === '\n' || character === CTRL_D) {
          done()
          return resolve(answer)
        }
        if (BACKSPACES.has(character)) answer = Array.from(answer).slice(0, -1).join('')
        else if (character >= ' ' && answer.length < LENGTH_MAX) answer += character
      }
    }
    output.write(question)
    input.setEncoding('utf8')
    input.setRawMode(true)
    input.on('data', onData)
    input.resume()
  })
}
