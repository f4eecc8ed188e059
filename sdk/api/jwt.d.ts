// What @cronclave/sdk promises: written by `npm run api`.

export interface Auth {
    bind(whom: Bound): CheckCall;
}

export interface Jwk {
    kty: string;
    kid?: string;
    crv?: string;
    x?: string;
    y?: string;
    use?: string;
    alg?: string;
}

export interface JwkSet {
    keys: readonly Jwk[];
}

export interface JwtOptions {
    issuer: string;
    jwks?: string | URL | JwkSet | undefined;
    cluster?: string | undefined;
    audience?: string | undefined;
    algorithms?: readonly TokenAlgorithm[] | undefined;
    clockTolerance?: Duration | undefined;
    maxTokenAge?: Duration | undefined;
    header?: string | undefined;
    url?: string | undefined;
}

export type TokenAlgorithm = 'EdDSA' | 'ES256';

export declare function jwt(options: JwtOptions): Auth;

// not exported
export interface Bound {
    service: string;
    clock: ExecutorClock;
    fetch?: typeof fetch | undefined;
    secret?: unknown;
    anyBody?: boolean | undefined;
}

// not exported
export type CheckCall = (call: Unchecked, body: Uint8Array, env: Env) => Promise<Verdict>;

// not exported
export interface Unchecked {
    method?: string | undefined;
    header(name: string): string | null | undefined;
    hmac?: Hmac | undefined;
}

// not exported
export type Verdict = {
    ok: true;
    id: string;
    timestampS: number;
    key: HmacKey;
    job?: string;
} | {
    ok: false;
    fault: SignatureFault;
    skewS?: number;
};
