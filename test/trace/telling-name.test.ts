import { describe, expect, it } from 'vitest';
import { groupName } from '../../src/trace/group-name.js';
import type { SpanKindName } from '../../src/trace/span-record.js';
import { tellingName } from '../../src/trace/telling-name.js';

type Case = readonly [
  name: string,
  kind: SpanKindName,
  attributes: Record<string, unknown>,
  expected: string,
];

const pg = { 'db.system': 'postgresql', 'db.name': 'shop' };

/** As instrumentations name and fill their spans. */
const TOLD: readonly Case[] = [
  [
    'GET',
    'client',
    { 'http.request.method': 'GET', 'server.address': 'api.example.com' },
    'GET api.example.com',
  ],
  [
    'HTTP GET',
    'client',
    { 'http.method': 'GET', 'net.peer.name': 'api.example.com' },
    'GET api.example.com',
  ],
  [
    'POST',
    'client',
    { 'http.method': 'POST', 'http.url': 'https://u:p@API.example.com:8443/v1?x=1' },
    'POST api.example.com',
  ],
  ['GET', 'client', { 'http.method': 'GET', 'http.host': 'shop:80' }, 'GET shop'],
  ['GET', 'client', { 'http.method': 'GET', 'http.url': 'http://[::1]:80/' }, 'GET localhost'],
  [
    'fetch POST https://api.x.com/v1/a',
    'client',
    { 'http.method': 'POST', 'http.url': 'https://api.x.com/v1/a' },
    'POST api.x.com',
  ],
  [
    'GET',
    'server',
    { 'http.request.method': 'GET', 'http.route': '/users/{id}', 'url.path': '/users/7' },
    'GET /users/{id}',
  ],
  ['GET', 'server', { 'http.request.method': 'GET', 'url.path': '/users/1234' }, 'GET /users/1234'],
  ['GET', 'server', { 'http.method': 'GET', 'http.target': '/ask?key=1' }, 'GET /ask'],
  ['GET', 'server', { 'http.method': 'GET' }, 'GET (server)'],
  ['HTTP', 'server', { 'http.request.method': '_OTHER', 'url.path': '/a' }, 'HTTP /a'],
  [
    'pg.query:SELECT shop',
    'client',
    { ...pg, 'db.statement': 'SELECT * FROM users WHERE id = $1' },
    'postgresql SELECT users',
  ],
  [
    'SELECT shop.users',
    'client',
    { ...pg, 'db.operation': 'SELECT', 'db.sql.table': 'users', 'db.query.text': 'x' },
    'postgresql SELECT users',
  ],
  [
    'INSERT',
    'client',
    { 'db.system.name': 'mysql', 'db.query.text': 'insert into `cart items` values (1)' },
    'mysql INSERT cart items',
  ],
  [
    'INSERT',
    'client',
    { 'db.system.name': 'mysql', 'db.query.text': '/* a */ insert into `cart`.`items` values (1)' },
    'mysql INSERT cart.items',
  ],
  [
    'SELECT',
    'client',
    { 'db.system.name': 'mysql', 'db.query.summary': 'SELECT orders JOIN items' },
    'mysql SELECT orders JOIN items',
  ],
  [
    'SELECT * FROM a WHERE b = 1',
    'client',
    { 'db.system': 'sqlite', 'db.statement': 'SELECT * FROM a WHERE b = 1' },
    'sqlite SELECT a',
  ],
  ['redis-GET', 'client', { 'db.system': 'redis', 'db.statement': 'GET user:17' }, 'redis GET'],
  ['get', 'client', { 'db.system': 'redis', 'db.statement': 'get user:17' }, 'redis GET'],
  [
    'mongodb.find',
    'client',
    {
      'db.system': 'mongodb',
      'db.operation': 'find',
      'db.mongodb.collection': 'users',
      'db.statement': '{"find":"users"}',
    },
    'mongodb find users',
  ],
  [
    'DynamoDB.Query',
    'client',
    {
      'db.system': 'dynamodb',
      'db.operation': 'Query',
      'aws.dynamodb.table_names': ['orders'],
      'rpc.system': 'aws-api',
      'rpc.service': 'DynamoDB',
      'rpc.method': 'Query',
    },
    'dynamodb Query orders',
  ],
  [
    'orders send',
    'producer',
    {
      'messaging.system': 'kafka',
      'messaging.operation.name': 'send',
      'messaging.destination.name': 'orders',
    },
    'send orders',
  ],
  [
    'orders',
    'producer',
    { 'messaging.system': 'kafka', 'messaging.destination': 'orders' },
    'publish orders',
  ],
  [
    'orders process',
    'consumer',
    { 'messaging.system': 'kafka', 'messaging.destination': 'orders' },
    'process orders',
  ],
  [
    'grpc.shop.Cart/Add',
    'client',
    { 'rpc.system': 'grpc', 'rpc.service': 'shop.Cart', 'rpc.method': 'Add' },
    'shop.Cart/Add',
  ],
  [
    'S3.PutObject',
    'client',
    { 'rpc.system': 'aws-api', 'rpc.service': 'S3', 'rpc.method': 'PutObject' },
    'S3/PutObject',
  ],
  [
    'tools/call',
    'client',
    {
      'mcp.method.name': 'tools/call',
      'gen_ai.tool.name': 'search',
      'gen_ai.operation.name': 'execute_tool',
      'server.address': 'mcp.example.com',
    },
    'tools/call mcp.example.com/search',
  ],
  [
    'tools/call search',
    'client',
    { 'mcp.method.name': 'tools/call', 'gen_ai.tool.name': 'search', 'mcp.server.name': 'github' },
    'tools/call github/search',
  ],
  [
    'tools/call search',
    'server',
    { 'mcp.method.name': 'tools/call', 'gen_ai.tool.name': 'search', 'server.address': 'a' },
    'tools/call search',
  ],
  [
    'prompts/get review',
    'client',
    { 'mcp.method.name': 'prompts/get', 'gen_ai.prompt.name': 'review', 'server.address': 'a' },
    'prompts/get a/review',
  ],
  ['initialize', 'client', { 'mcp.method.name': 'initialize' }, 'initialize'],
  [
    'ai.toolCall',
    'internal',
    { 'ai.operationId': 'ai.toolCall', 'ai.toolCall.name': 'weather' },
    'execute_tool weather',
  ],
  [
    'execute_tool',
    'internal',
    { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'weather' },
    'execute_tool weather',
  ],
  [
    'weather',
    'internal',
    { 'openinference.span.kind': 'TOOL', 'tool.name': 'weather' },
    'execute_tool weather',
  ],
  [
    'weather.tool',
    'internal',
    { 'traceloop.span.kind': 'tool', 'traceloop.entity.name': 'weather' },
    'execute_tool weather',
  ],
  [
    'invoke_agent a',
    'internal',
    { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'planner' },
    'invoke_agent planner',
  ],
  [
    'agent',
    'internal',
    { 'openinference.span.kind': 'AGENT', 'agent.name': 'planner' },
    'invoke_agent planner',
  ],
];

/** Names that say more, and spans whose attributes do not tell. */
const STAYS: readonly (readonly [
  name: string,
  kind: SpanKindName,
  attributes: Record<string, unknown>,
])[] = [
  ['load user', 'client', { ...pg, 'db.statement': 'SELECT * FROM users' }],
  [
    'mongoose.User.findOne',
    'client',
    { 'db.system': 'mongodb', 'db.operation': 'findOne', 'db.mongodb.collection': 'users' },
  ],
  ['middleware - jsonParser', 'internal', { 'http.route': '/' }],
  ['request handler - /ask/:id', 'internal', { 'http.route': '/ask/:id' }],
  [
    'handler - fastify -> @fastify/otel',
    'internal',
    { 'http.request.method': 'GET', 'http.route': '/ask' },
  ],
  ['GET', 'client', { 'http.request.method': 'GET' }],
  ['pg.connect', 'client', pg],
  [
    'plan the trip',
    'internal',
    { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'planner' },
  ],
  [
    'execute_tool weather',
    'internal',
    { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'weather' },
  ],
  ['ai.generateText', 'internal', { 'ai.operationId': 'ai.generateText' }],
  ['answer', 'internal', { 'app.k': 5 }],
];

describe('tellingName', () => {
  it.each(TOLD)('calls %j (%s, %j) %j', (name, kind, attributes, expected) => {
    expect(tellingName(name, kind, attributes) ?? name).toBe(expected);
  });

  it.each(STAYS)('leaves %j (%s, %j)', (name, kind, attributes) => {
    expect(tellingName(name, kind, attributes)).toBeUndefined();
  });

  it('gives paths whose ids the rule for names takes out', () => {
    const attributes = { 'http.request.method': 'GET', 'url.path': '/users/17/cart' };
    expect(groupName(tellingName('GET', 'server', attributes)!)).toBe('GET /users/{n}/cart');
  });

  it('reads no more than the beginning of attributes', () => {
    const long = 'x'.repeat(200_000);
    const start = performance.now();
    for (let round = 0; round < 200; round += 1) {
      tellingName('GET', 'client', { 'http.request.method': long, 'url.full': `http://${long}` });
      tellingName('SELECT', 'client', { 'db.system': long, 'db.statement': `select (${long}` });
    }
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});
