import { expect, test } from 'vitest'
import { withoutPath } from './unsaid.ts'

const PATH = '/services/T0KEN0000/x?key=aBcD1234%2Bx%2F&a=b'

test.each([
  ['the path and the query', `Cannot POST ${PATH}`],
  ['the path', 'Cannot POST /services/T0KEN0000/x'],
  ['the path as it reads', 'Cannot POST /services/T0KEN0000/x?key=aBcD1234+x/&a=b'],
  ['a token', 'no such hook: aBcD1234+x/'],
  ['a token as it stands in the address', 'no such hook: aBcD1234%2Bx%2F'],
  ['it all in markup', 'no such hook: /services/T0KEN0000/x?key=aBcD1234%2Bx%2F&amp;a=b'],
])('a server that says %s back gives nothing of the address away', (_, said) => {
  const text = withoutPath(said, PATH)
  expect(text).toMatch(/^(?:Cannot POST|no such hook:) …/)
  expect(text).not.toMatch(/T0KEN|aBcD1234/)
})

test('what else it says stays, also where the address is short, or no escape at all', () => {
  const said = '{"errcode":300001,"errmsg":"token is not exist / bad"}'
  for (const path of ['/', '/?a=b', '/x/token?a=not', '/%zz%', PATH]) expect(withoutPath(said, path)).toBe(said)
})
