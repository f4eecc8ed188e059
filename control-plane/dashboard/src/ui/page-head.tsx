import { IconChevronRight } from '@tabler/icons-react'
import { useDocumentTitle } from '@mantine/hooks'
import type { ReactNode } from 'react'
import classes from './page-head.module.css'

interface Props {
  /** Links to what the page belongs to, outermost first. */
  trail?: readonly ReactNode[]
  title: ReactNode
  /** Of the window, where the title is more than text. */
  name: string
  badge?: ReactNode
  actions?: ReactNode
  children?: ReactNode
}

/** The heading of a page: where it is, what it is, and what can be done with it. */
export function PageHead({ trail = [], title, name, badge, actions, children }: Props) {
  useDocumentTitle(`${name} · Cronclave`)
  return (
    <header className={classes.head}>
      <div className={classes.line}>
        {trail.length > 0 && (
          <nav aria-label="Belongs to" className={classes.trail}>
            {trail.map((link, index) => (
              <span key={index}>
                {link}
                <IconChevronRight size={14} aria-hidden />
              </span>
            ))}
          </nav>
        )}
        <h1>{title}</h1>
        {badge}
        <div className={classes.actions}>{actions}</div>
      </div>
      {children}
    </header>
  )
}
