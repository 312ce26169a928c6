# Two kinds of item: room -> peer and connection -> identity. All reads go to the base table by key: an index would be
# eventually consistent and miss a peer that has just joined.
resource "aws_dynamodb_table" "connections" {
  name         = local.name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "pk"
  range_key    = "sk"

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "S"
  }

  # Epoch seconds. DynamoDB deletes up to days late, so readers filter expired leases; this only keeps the table small.
  ttl {
    attribute_name = "expiresAt"
    enabled        = true
  }

  # Nothing here is worth keeping: peers that lose their presence join again, and within minutes it is all back.
  deletion_protection_enabled = false

  point_in_time_recovery {
    enabled = false
  }
}
