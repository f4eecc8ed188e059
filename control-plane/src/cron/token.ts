/** A piece of an expression as it was written, and where: positions count characters from 1. */
export interface Token {
  text: string
  position: number
}

/** The items of a list with their places. */
export function listItems(token: Token): Token[] {
  let position = token.position
  return token.text.split(',').map((text) => {
    const item = { text, position }
    position += text.length + 1
    return item
  })
}

/** A mask of small numbers. */
export function mask(values: readonly number[]): number {
  return values.reduce((bits, value) => bits | (1 << value), 0)
}
