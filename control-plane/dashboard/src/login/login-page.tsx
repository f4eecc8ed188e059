import { Alert, Button, PasswordInput } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useEffect, useState } from 'react'
import { api } from '../api/client.ts'
import { keepSession } from '../api/session.ts'
import { Logo } from '../shell/logo.tsx'
import { ThemeSwitch } from '../shell/theme-switch.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { takeCode } from './login-code.ts'
import classes from './login-page.module.css'

interface Props {
  /** Where to go afterwards; always a path of this page. */
  from: string
  /** Whether a session was open until now. */
  ended: boolean
}

/** Exchanges a single-use code from a link, or a token that is pasted, for a session cookie. */
export default function LoginPage({ from, ended }: Props) {
  useDocumentTitle('Log in · Cronclave')
  const navigate = useNavigate()
  const [token, setToken] = useState('')
  const login = api.useMutation('post', '/v1/session', {
    onSuccess: (session) => {
      keepSession(session)
      void navigate({ to: from, replace: true })
    },
  })
  const { mutate } = login
  useEffect(() => {
    const exchange = () => {
      const code = takeCode()
      if (code !== undefined) mutate({ body: { code } })
    }
    exchange()
    addEventListener('hashchange', exchange)
    return () => removeEventListener('hashchange', exchange)
  }, [mutate])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (token.trim() !== '') mutate({ body: { token: token.trim() } })
  }
  return (
    <main className={classes.page}>
      <div className={classes.switch}>
        <ThemeSwitch />
      </div>
      <div className={classes.box}>
        <div className={classes.brand}>
          <Logo size={30} />
          <h1>Log in to Cronclave</h1>
        </div>
        {ended && login.status === 'idle' && (
          <Alert variant="light" color="yellow" title="The session has ended">
            Log in again to go on where you were.
          </Alert>
        )}
        {login.error !== null && <ErrorNote error={login.error} />}
        <form onSubmit={submit} className={classes.form}>
          <input type="text" autoComplete="username" defaultValue="token" hidden />
          <PasswordInput
            label="Token"
            description="It begins with cct_ and is exchanged for a session cookie; the page does not keep it."
            value={token}
            onChange={(event) => setToken(event.currentTarget.value)}
            autoComplete="current-password"
            spellCheck={false}
            maxLength={200}
            autoFocus
          />
          <Button type="submit" loading={login.isPending} disabled={token.trim() === '' && !login.isPending} fullWidth>
            Log in
          </Button>
        </form>
        <p className={classes.hint}>
          <code>npm start</code> prints a link that logs in by itself, once, within a minute. The administrator's token
          is in <code>cronclave-data/admin.token</code>.
        </p>
      </div>
    </main>
  )
}
