/** The calls of DynamoDB that the store makes, in the form that goes over the wire. */
import { type JsonServiceOptions, jsonService } from "./json-service.ts";

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html, without the kinds that no item has. */
export interface AttributeValue {
	readonly S?: string;
	readonly N?: string;
	readonly BOOL?: boolean;
	/** Bytes: on the wire as base64. The SDK's clients, by which the command line reads, have the bytes themselves. */
	readonly B?: string | Uint8Array;
	readonly L?: AttributeValue[];
}

export type Item = Record<string, AttributeValue>;

interface OnTable {
	readonly TableName: string;
}

interface Expressions {
	readonly ConditionExpression?: string;
	readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
	readonly ExpressionAttributeValues?: Item;
}

type Operations = {
	GetItem: {
		input: OnTable & { readonly Key: Item; readonly ConsistentRead: boolean };
		output: { readonly Item?: Item };
	};
	PutItem: { input: OnTable & Expressions & { readonly Item: Item }; output: object };
	UpdateItem: {
		input: OnTable &
			Expressions & { readonly Key: Item; readonly UpdateExpression: string; readonly ReturnValues?: "UPDATED_NEW" };
		output: { readonly Attributes?: Item };
	};
	DeleteItem: {
		input: OnTable & Expressions & { readonly Key: Item; readonly ReturnValues?: "ALL_OLD" };
		output: { readonly Attributes?: Item };
	};
	Query: {
		input: OnTable &
			Expressions & {
				readonly KeyConditionExpression: string;
				readonly ScanIndexForward: boolean;
				readonly Limit: number;
				readonly ConsistentRead: boolean;
			};
		output: { readonly Items?: readonly Item[]; readonly LastEvaluatedKey?: Item };
	};
};

export type Operation = keyof Operations;
export type Input<Name extends Operation> = Operations[Name]["input"];
export type Output<Name extends Operation> = Operations[Name]["output"];

export function dynamodb(options: JsonServiceOptions) {
	return jsonService<Operations>("dynamodb", options);
}
