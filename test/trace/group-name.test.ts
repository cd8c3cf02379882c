import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupName } from '../../src/trace/group-name.js';

describe('groupName', () => {
  it.each([
    ['GET /users/17/orders/3', 'GET /users/{n}/orders/{n}'],
    ['GET /users/17?page=2&q=x', 'GET /users/{n}?{query}'],
    ['GET /v1/users', 'GET /v1/users'],
    ['load 550e8400-e29b-41d4-a716-446655440000', 'load {id}'],
    ['blob deadbeef42', 'blob {id}'],
    ['tool call_AbC123dEf456GhI789', 'tool call_{id}'],
    ['thread 01ARZ3NDEKTSV4RRFFQ69G5FAV done', 'thread {id} done'],
    ['mail to ada.lovelace@example.com', 'mail to {email}'],
    ['search "how to fix a bike"', 'search {text}'],
    [
      "SELECT * FROM t WHERE a = 'x y' AND b = 1234",
      'SELECT * FROM t WHERE a = {text} AND b = {n}',
    ],
    ['order 10432', 'order {n}'],
    ['GET 10.0.3.17', 'GET {ip}'],
    ['upgrade to 1.2.3', 'upgrade to 1.2.3'],
    ['summarize\nOnce upon a time', 'summarize…'],
  ])('takes data out of %j', (name, group) => expect(groupName(name)).toBe(group));

  it.each([
    'answer',
    'step 2',
    'HTTP 404',
    'Room 101',
    `answer ${'and so on '.repeat(15)}`,
    'chunk 17',
    'gpt-4o',
    'embed text-embedding-3-small',
    'the user’s answer',
    "the user's answer, and the model's",
    'why?',
    'sha256',
    'utf8 to base64',
    'claude-3-5-sonnet',
    'invoke_agent planner',
    '測試 3',
    'shop.orders.handlers.default_request_handler.DefaultRequestHandler.handle_the_message.clean_up_after_it',
  ])('leaves %j', (name) => expect(groupName(name)).toBe(name));

  it('gives few rows whatever the ids', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.nat(), (uuid, number) => {
        expect(groupName(`load ${uuid}`)).toBe('load {id}');
        expect(groupName(`GET /orders/${number}/items`)).toBe('GET /orders/{n}/items');
      }),
    );
  });

  it('ends for any name, is short, and changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400, unit: 'grapheme' }), (name) => {
        const group = groupName(name);
        expect(group.length).toBeLessThan(700);
        expect(groupName(group).length).toBeLessThanOrEqual(group.length);
      }),
    );
    for (const part of ['"', "'a", '@', 'a@', '?a=', '?', '0', 'a1', '-', '\n']) {
      expect(groupName(part.repeat(500_000)).length).toBeLessThan(700);
    }
    const long = '"'.repeat(50_000) + 'a1'.repeat(50_000) + '@'.repeat(50_000);
    expect(groupName(long).length).toBeLessThan(700);
  });
});
