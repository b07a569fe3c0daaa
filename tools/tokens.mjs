// Makes t/fixtures/tokens.json: tokens as issuers write them with the npm
// packages jose and jsonwebtoken, what the two say of each as verifiers, and
// what of them has to match a rule or must not.  t/unit/test_fixtures.c reads
// it.  Keys and signatures are new in each run; nothing else is.
//
// The packages are of no other use here, so they are put somewhere else:
//
//     dir=$(mktemp -d)
//     npm install --prefix "$dir" jose@6 jsonwebtoken@9
//     cp tools/tokens.mjs "$dir" && node "$dir/tokens.mjs" > tokens.json
//     mv tokens.json t/fixtures/tokens.json

import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import * as jose from 'jose';
import jsonwebtoken from 'jsonwebtoken';

const keys = {
    HS256: {
        private: createSecretKey(randomBytes(32)),
    },
    RS256: {
        ...pair('rsa', { modulusLength: 2048 }),
    },
    ES256: {
        ...pair('ec', { namedCurve: 'P-256' }),
    },
};

keys.HS256.public = keys.HS256.private;

const iat = 1487894400;
const exp = 4102444800;

const tokens = [];


function pair(type, options) {
    const { privateKey, publicKey } = generateKeyPairSync(type, options);

    return { private: privateKey, public: publicKey };
}


async function verified(verify) {
    try {
        return [true, JSON.stringify(await verify())];

    } catch {
        return [false, null];
    }
}


// what both libraries say; claims as jose sees them, or else jsonwebtoken

async function add(name, alg, token, expected) {
    const key = keys[alg].public;

    const [byJose, seen] = await verified(async () =>
        (await jose.jwtVerify(token, key)).payload);

    const [byOther, other] = await verified(() =>
        jsonwebtoken.verify(token, key, { algorithms: [alg] }));

    tokens.push({
        name, token, jose: byJose, jsonwebtoken: byOther,
        claims: seen ?? other, issued: iat, unreadable: false,
        match: [], miss: [], ...expected,
    });
}


// claims as an application gives them to the library

async function issued(name, alg, claims, expected, header = {}) {
    claims = { sub: 'alice', iat, exp, ...claims };

    await add(`${name}, jose ${alg}`, alg,
        await new jose.SignJWT(claims)
            .setProtectedHeader({ alg, typ: 'JWT', ...header })
            .sign(keys[alg].private), expected);

    await add(`${name}, jsonwebtoken ${alg}`, alg,
        jsonwebtoken.sign(claims, keys[alg].private,
            { algorithm: alg, header: { alg, typ: 'JWT', ...header } }),
        expected);
}


// a payload of other issuers, byte by byte, signed as it is

async function written(name, text, expected) {
    await add(name, 'HS256',
        await new jose.CompactSign(Buffer.from(text, 'latin1'))
            .setProtectedHeader({ alg: 'HS256' })
            .sign(keys.HS256.private), expected);
}


const alice = ['sub', 'alice'];

for (const alg of Object.keys(keys)) {
    await issued('a user', alg, {
        iss: 'https://idp.example/', aud: ['web', 'tv'], sid: '08a5019c',
        email_verified: true, level: 3,
        realm_access: { roles: ['admin', 'user'] },
        'https://example.com/tenant': 'acme',
    }, {
        match: [alice, ['iss', 'https://idp.example/'], ['aud', 'web'],
                ['aud', 'tv'], ['email_verified', 'true'], ['level', '3'],
                ['realm_access.roles', 'admin'],
                ['https://example.com/tenant', 'acme'],
                ['header.alg', alg], ['header.typ', 'JWT'],
                ['header.kid', 'key-1']],
        miss: [['sub', 'bob'], ['sub', 'Alice'], ['aud', 'web,tv'],
               ['level', '3.0'], ['roles', 'admin'], ['tenant', 'acme'],
               ['header.kid', 'key-2']],
    }, { kid: 'key-1' });
}

await issued('a lone surrogate', 'HS256', { name: 'Bob \ud83d' }, {
    match: [alice, ['name', 'Bob \ufffd']],
    miss: [['name', 'Bob '], ['name', 'Bob']],
});

await issued('the other half, in a key id', 'HS256', {}, {
    match: [alice, ['header.kid', '\ufffdk']],
    miss: [['header.kid', 'k']],
}, { kid: '\ude00k' });

await issued('an emoji', 'HS256', { name: 'Bob \u{1f600}' }, {
    match: [alice, ['name', 'Bob \u{1f600}']],
    miss: [['name', 'Bob \ufffd']],
});

await issued('NUL', 'HS256', { name: 'a\0b' }, {
    match: [alice, ['name', 'a\0b']],
    miss: [['name', 'a'], ['name', 'ab']],
});

await issued('a large number', 'HS256', { n: 2 ** 70, m: 1e21, f: 1e-7 }, {
    match: [alice, ['n', '1180591620717411300000'],
            ['m', '1000000000000000000000']],
    miss: [['n', '0'], ['f', '0'], ['f', '1e-7']],
});

await issued('a fraction of a second', 'HS256', { iat: iat + 0.75 }, {
    match: [alice, ['header.alg', 'HS256']],
    miss: [['iat', String(iat)]],
});

await issued('nulls and objects', 'HS256',
    { a: null, b: {}, c: [null, {}, [1]] }, {
    match: [alice],
    miss: [['a', 'null'], ['b', '{}'], ['c', 'null'], ['c', '1']],
});

const start = `{"sub":"alice","iat":${iat}`;

await written('64 bits and more', start + ',"n":18446744073709551616}', {
    match: [alice, ['n', '18446744073709551616']],
    miss: [['n', '18446744073709552000'], ['n', '0']],
});

await written('1e400', start + ',"n":1e400,"m":[1,-1e400]}', {
    match: [alice, ['m', '1']],
    miss: [['n', '1e400'], ['n', 'Infinity'], ['m', '-1e400']],
});

await written('1e400 as the issue time', '{"sub":"alice","iat":1e400}', {
    issued: null,
    match: [alice],
    miss: [['iat', '1e400']],
});

await written('spellings of one number',
    start + ',"n":[10.0,1E+1,100e-1],"m":-0}', {
    match: [alice, ['n', '10'], ['m', '0']],
    miss: [['n', '10.0'], ['m', '-0']],
});

await written('a name twice', start + ',"sub":"bob","sub":null}', {
    match: [alice, ['sub', 'bob']],
    miss: [['sub', 'null']],
});

await written('an issue time twice', start + ',"iat":7}', {
    issued: 7,
    match: [alice],
});

await written('milliseconds', '{"sub":"alice","iat":1487894400123}', {
    match: [alice, ['iat', '1487894400123']],
});

await written('a time as text', `{"sub":"alice","iat":"${iat}"}`, {
    issued: null,
    match: [alice],
});

await written('escapes in names', '{"\\u0073\\u0075b":"al\\u0069ce","iat":'
    + iat + ',"a\\u002eb":1,"\\ud83d":2}', {
    match: [alice, ['a.b', '1'], ['\ufffd', '2']],
});

await written('deep', start + ',"deep":' + '['.repeat(2100) + ']'.repeat(2100)
    + ',"after":1}', {
    match: [alice, ['after', '1']],
});

await written('deep objects', '{"a":'.repeat(2100) + '1' + '}'.repeat(2100), {
    issued: null,
    miss: [['a', '1'], ['a.a', '1']],
});

await written('a byte order mark', '\xef\xbb\xbf' + start + '}', {
    match: [alice],
});

await written('white space', '\r\n' + start.replaceAll(',', '\t,\n ') + ' }\n', {
    match: [alice],
});

await written('not UTF-8', start + ',"name":"\xff"}', {
    match: [alice],
});

// what JavaScript refuses, and others do not all

await written('not a number, as Python writes it', start + ',"n":NaN}', {
    match: [alice],
    miss: [['n', 'NaN']],
});

await written('a raw tab', start + ',"n":"\t"}', {
    unreadable: true, issued: null, miss: [alice],
});

await written('a comma too many', start + ',}', {
    unreadable: true, issued: null, miss: [alice],
});

await written('a leading nought', start + ',"n":010}', {
    unreadable: true, issued: null, miss: [alice],
});

await written('more behind it', start + '}{}', {
    unreadable: true, issued: null, miss: [alice],
});

await written('cut off', start, {
    unreadable: true, issued: null, miss: [alice],
});

await written('an array', '["sub","alice"]', {
    unreadable: true, issued: null, miss: [alice],
});

await written('nothing', '', {
    unreadable: true, issued: null,
});

const secret = randomBytes(32);

const encrypted = await new jose.EncryptJWT({ sub: 'alice', iat, exp })
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: 'key-1' })
    .encrypt(secret);

tokens.push({
    name: 'encrypted, jose', token: encrypted,
    jose: (await verified(() => jose.jwtDecrypt(encrypted, secret)))[0],
    jsonwebtoken: false, claims: null, issued: null, unreadable: false,
    match: [['header.alg', 'dir'], ['header.enc', 'A256GCM'],
            ['header.kid', 'key-1']],
    miss: [alice],
});

console.log(JSON.stringify(tokens, null, 1));
