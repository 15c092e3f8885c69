import { expect, it } from "vitest";
import { en } from "./en";
import { id } from "./id";
import type { MessageKey } from ".";

const names = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

it.each(Object.keys(en) as MessageKey[])("%s says the same values in both languages", (key) => {
  expect(id[key]).not.toBe("");
  expect(names(id[key])).toEqual(names(en[key]));
});
