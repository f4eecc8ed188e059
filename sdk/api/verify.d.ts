// What @cronclave/sdk promises: written by `npm run api`.

export interface Auth {
    bind(whom: Bound): CheckCall;
}

export interface ReceivedCall {
    headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
    body: Uint8Array;
    method?: string;
    path?: string;
}

export interface SecretVerifierOptions {
    secret: string | undefined | readonly (string | undefined)[];
    clock?: ExecutorClock;
}

export declare class SignatureError extends CronclaveError {
    name: string;
    constructor(fault: SignatureFault, message: string);
}

export type SignatureFault = 'missing-header' | 'malformed-timestamp' | 'too-old' | 'too-new' | 'no-match' | 'missing-token' | 'malformed-token' | 'unknown-key' | 'wrong-audience' | 'wrong-claims' | 'wrong-body' | 'keys-unavailable';

export interface TokenVerifierOptions {
    auth: Auth;
    service: string;
    fetch?: typeof fetch;
    clock?: ExecutorClock;
}

export interface VerifiedCall {
    id: string;
    timestamp: Date;
    job?: string;
}

export interface Verifier {
    verify(call: ReceivedCall): Promise<VerifiedCall>;
}

export declare function createVerifier(options: SecretVerifierOptions | TokenVerifierOptions): Verifier;

export declare function isCronclaveError(error: unknown, kind?: ErrorKind): error is CronclaveError;

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
